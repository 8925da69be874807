//! Precedence, messages, and files that must agree with the table of keys.

use super::*;
use std::collections::BTreeSet;
use std::fs;
use tempfile::TempDir;

/// A working directory and a platform of its own.
struct World {
    folder: TempDir,
    env: Vec<(&'static str, &'static str)>,
    overrides: Overrides,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["cwd", "config", "home"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, env: Vec::new(), overrides: Overrides::default() }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn dot_env(self, text: &str) -> Self {
        fs::write(self.at("cwd/.env"), text).unwrap();
        self
    }

    fn file(self, text: &str) -> Self {
        fs::write(self.at("config/config.toml"), text).unwrap();
        self
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    fn flags(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    fn load(&self) -> Result<Settings, ConfigError> {
        let dirs = Dirs { home: self.at("home"), config: self.at("config"), data: self.at("data"), state: self.at("state") };
        let env = |name: &str| self.env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::load(self.overrides.clone(), env, &self.at("cwd"), &dirs)
    }

    /// The refusal, with the folder's name taken out; always one line.
    fn refusal(&self) -> String {
        let told = self.load().unwrap_err().to_string();
        assert!(!told.contains('\n'), "{told}");
        told.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

#[test]
fn defaults() {
    let world = World::new();
    let settings = world.load().unwrap();
    assert_eq!(settings.db_path, world.at("data/marketdata.sqlite"));
    assert_eq!(settings.backfill_minutes, 43_200);
    assert_eq!(settings.log, LogSettings { dir: world.at("state"), level: Verbosity::Info, format: LogFormat::Text });
    assert_eq!((settings.heartbeat_delay, settings.patience), (Duration::from_secs(5), Duration::from_secs(60)));
    assert_eq!((settings.pages_in_flight, settings.live_share_percent), (32, 10));
    assert!(settings.streams);
    assert_eq!(settings.binance.rest_url, BINANCE_REST_URL);
    assert_eq!(settings.binance.fallback_url.as_deref(), Some(BINANCE_FALLBACK_URL));
    assert_eq!(settings.binance.api_key, None);
    assert_eq!(settings.file, (world.at("config/config.toml"), false));
    assert!(KEYS.iter().all(|key| *settings.origin(key.name) == Origin::Default));
}

#[test]
fn each_layer_goes_before_the_next() {
    let flags = || Overrides { log_level: Some("error".into()), ..Overrides::default() };
    let check = |world: World, level: Verbosity, origin: &str| {
        let settings = world.load().unwrap();
        assert_eq!(settings.log.level, level);
        let shown = settings.origin("log.level").to_string();
        assert!(shown.ends_with(origin), "{shown}");
    };
    let file = || World::new().file("[log]\nlevel = \"trace\"\n");
    check(file(), Verbosity::Trace, "config/config.toml:2: log.level");
    check(file().dot_env("LOG_LEVEL=debug\n"), Verbosity::Debug, ".env");
    check(file().dot_env("LOG_LEVEL=debug\n").env("LOG_LEVEL", "warn"), Verbosity::Warn, "environment variable LOG_LEVEL");
    check(file().env("LOG_LEVEL", "warn").flags(flags()), Verbosity::Error, "--log-level");
    check(file().dot_env("LOG_LEVEL=\n").env("LOG_LEVEL", ""), Verbosity::Trace, "log.level");
}

#[test]
fn switches() {
    let streams = |world: World| world.load().unwrap().streams;
    assert!(!streams(World::new().file("record.streams = false")));
    assert!(streams(World::new().file("record.streams = false").env("STREAMS", "true")));
    let refused = World::new().env("STREAMS", "maybe").refusal();
    assert!(refused.ends_with("`maybe` is neither true nor false"), "{refused}");
    let refused = World::new().file("record.streams = \"no\"").refusal();
    assert!(refused.ends_with("record.streams is true or false, without quotes"), "{refused}");
}

#[test]
fn paths() {
    let check = |world: World, expected: &str| assert_eq!(world.load().unwrap().db_path, world.at(expected));
    check(World::new().env("DB_PATH", "x.sqlite"), "cwd/x.sqlite");
    check(World::new().dot_env("DB_PATH='my data/x.sqlite'"), "cwd/my data/x.sqlite");
    check(World::new().file("store.path = \"x.sqlite\""), "config/x.sqlite");
    check(World::new().file("store.path = \"~/x.sqlite\""), "home/x.sqlite");
    let flag = Overrides { db: Some("y.sqlite".into()), ..Overrides::default() };
    check(World::new().env("DB_PATH", "x.sqlite").flags(flag), "cwd/y.sqlite");
    assert_eq!(World::new().env("DB_PATH", "/abs/x.sqlite").load().unwrap().db_path, Path::new("/abs/x.sqlite"));
}

#[test]
fn another_config_file() {
    let named = |name: &str| Overrides { config: Some(name.into()), ..Overrides::default() };
    let world = World::new().file("record.patience = 7").flags(named("other.toml"));
    assert_eq!(world.refusal(), "cannot read cwd/other.toml: there is no such file");
    fs::write(world.at("cwd/other.toml"), "record.patience = 8").unwrap();
    assert_eq!(world.load().unwrap().patience, Duration::from_secs(8));
}

#[test]
fn a_chosen_host_has_no_public_fallback() {
    let fallback = |world: World| world.load().unwrap().binance.fallback_url;
    assert_eq!(fallback(World::new().env("BINANCE_REST_URL", "http://127.0.0.1:9000")), None);
    assert_eq!(fallback(World::new().file("binance.fallback_url = \"\"")), None);
    // Nor where the default file is there: its host is the one that is replaced.
    assert_eq!(fallback(World::new().file(default_file()).env("BINANCE_REST_URL", "http://127.0.0.1:9000")), None);
    assert_eq!(fallback(World::new().file(default_file())).as_deref(), Some(BINANCE_FALLBACK_URL));
    let both = World::new().env("BINANCE_REST_URL", "https://a.example").file("binance.fallback_url = \"https://b.example/\"");
    assert_eq!(fallback(both).as_deref(), Some("https://b.example"));
}

#[test]
fn refusals_name_source_fault_and_remedy() {
    let check = |world: World, expected: &str| assert_eq!(world.refusal(), expected);
    check(
        World::new().env("BACKFILL_MINUTES", "many"),
        "environment variable BACKFILL_MINUTES: `many` is not a whole number from 0 to 52560000",
    );
    check(
        World::new().dot_env("LOG_LEVEL=loud"),
        "LOG_LEVEL in cwd/.env: `loud` is not a log level: use error, warn, info, debug or trace",
    );
    check(
        World::new().file("[record]\n\nheartbeat_delay = 51\n"),
        "config/config.toml:3: record.heartbeat_delay: `51` is not a whole number from 1 to 50",
    );
    check(
        World::new().file("[record]\nheartbeat_delay = \"5\"\n"),
        "config/config.toml:2: record.heartbeat_delay is a whole number from 1 to 50, without quotes",
    );
    check(World::new().file("[log]\nlevel = 3\n"), "config/config.toml:2: log.level is text and stands in quotes");
    check(
        World::new().file("[record]\nheart_beat_delay = 5\n"),
        "config/config.toml:2: unknown key `record.heart_beat_delay`: did you mean `record.heartbeat_delay`?",
    );
    check(World::new().file("patience = 5\n"), "config/config.toml:1: unknown key `patience`: did you mean `record.patience`?");
    check(
        World::new().file("# x\n[logs]\nlevel = \"info\"\n"),
        "config/config.toml:2: unknown section `logs`: did you mean `log.level`?",
    );
    check(
        World::new().file("zzz = 1\n"),
        "config/config.toml:1: unknown key `zzz`: `marketdata-tui config show` lists every key",
    );
    check(
        World::new().file("[binance]\napi_key = \"hush\"\n"),
        "config/config.toml:2: binance.api_key is not read from here: set BINANCE_API_KEY in the environment or in .env",
    );
    check(
        World::new().env("BINANCE_REST_URL", "http://api.binance.com"),
        "environment variable BINANCE_REST_URL: `http://api.binance.com` is not encrypted, which is allowed for this machine alone: \
         use https://HOST or https://HOST:PORT",
    );
    assert!(World::new().file("[log]\nlevel = \n").refusal().starts_with("config/config.toml:2: "));
}

#[test]
fn secrets_never_show() {
    let world = World::new().env("BINANCE_API_KEY", "hush-key").dot_env("BINANCE_SECRET_KEY=hush-secret");
    let settings = world.load().unwrap();
    assert_eq!(settings.binance.api_key, Secret::parse("hush-key").ok());
    assert!(!format!("{settings:?}").contains("hush"));
    assert!(!settings.show().contains("hush"));
    for bad in [World::new().env("BINANCE_API_KEY", "hush\nkey"), World::new().dot_env("# x\nBINANCE_SECRET_KEY=hush \"key\n")] {
        assert!(!bad.refusal().contains("hush"), "{}", bad.refusal());
    }
    let broken = World::new().dot_env("# x\n\nBINANCE_SECRET_KEY hush\n").refusal();
    assert!(broken.starts_with("cwd/.env:3: this is not NAME=value"), "{broken}");
}

#[test]
fn a_foreign_dot_env_is_left_alone() {
    assert!(World::new().dot_env("\u{feff}OTHER=1\nLOG_LEVEL=debug\n").load().is_ok_and(|it| it.log.level == Verbosity::Debug));
    let world = World::new();
    fs::create_dir(world.at("cwd/.env")).unwrap();
    assert!(world.load().is_ok());
}

#[test]
fn the_default_file_says_the_defaults() {
    let plain = World::new().load().unwrap();
    let world = World::new().file(default_file());
    let mut filled = world.load().unwrap();
    assert!(filled.file.1);
    for key in KEYS {
        let in_file = default_file().lines().any(|line| {
            let name = key.name.split_once('.').unwrap().1;
            line.trim_start_matches("# ").starts_with(&format!("{name} = "))
        });
        assert_eq!(in_file, key.kind != Kind::Secret, "{}", key.name);
    }
    // What depends on the machine is only shown in the file, behind a `#`; the rest is set and equal.
    filled.db_path.clone_from(&plain.db_path);
    filled.log.dir.clone_from(&plain.log.dir);
    filled.file.clone_from(&plain.file);
    filled.origins.clear();
    assert_eq!(filled, plain);
    let shown = default_file()
        .replace("# path =", "path =")
        .replace("# dir =", "dir =")
        .replace("# [keys]\n# add =", "[keys]\nadd =")
        .replace("# remove =", "remove =")
        .replace("# fallback_url", "fallback_url")
        .replace("# ws_url", "ws_url")
        .replace("# futures_ws_url", "futures_ws_url")
        .replace("# next_theme =", "next_theme =");
    let keys = World::new().file(&shown).load().unwrap().ui.keys;
    assert_eq!(keys.iter().map(|key| key.chords.len()).collect::<Vec<_>>(), [1, 2, 1]);
    assert_eq!(World::new().file(&shown).load().unwrap().origins.len(), KEYS.len() - 2, "every key but the two secrets");
}

#[test]
fn the_example_environment_names_every_variable() {
    let example = include_str!("../../.env.example");
    let named: BTreeSet<&str> =
        example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| Some(line.split_once('=')?.0)).collect();
    assert_eq!(named, KEYS.iter().filter_map(|key| key.variable).collect());
    let world = World::new().dot_env(example);
    assert!(world.load().is_ok_and(|settings| settings.origins.is_empty()), "copied as it is, it changes nothing");
    let in_file: BTreeSet<&str> = KEYS.iter().filter(|key| key.kind != Kind::Secret).filter_map(|key| key.variable).collect();
    assert!(in_file.iter().all(|variable| default_file().contains(&format!("({variable})"))));
}

#[test]
fn shows_every_setting_with_its_source() {
    let shown = World::new().env("BINANCE_API_KEY", "hush").file("record.patience = 7").load().unwrap().show();
    let line = |name: &str| {
        let line = shown.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(KEYS.iter().all(|key| line(key.name).contains('#')));
    assert!(
        line("record.patience").starts_with("record.patience = 7 # ")
            && line("record.patience").ends_with("config.toml:1: record.patience")
    );
    assert_eq!(line("binance.api_key"), "binance.api_key = set # environment variable BINANCE_API_KEY");
    assert_eq!(line("binance.secret_key"), "binance.secret_key = not set # default");
    assert_eq!(line("log.level"), "log.level = \"info\" # default");
}

#[test]
fn keys_of_actions() {
    let settings =
        World::new().file("[log]\nlevel = \"info\"\n[keys]\nadd = \"n\"\nquit = [\"Q\", \"Ctrl-q\"]\n").load().unwrap();
    let found: Vec<_> = settings.ui.keys.iter().map(|key| (key.action.as_str(), key.chords.join(" "))).collect();
    assert_eq!(found, [("add", "n".to_owned()), ("quit", "Q Ctrl-q".to_owned())]);
    assert!(settings.ui.keys[1].origin.ends_with("config.toml:5"), "{}", settings.ui.keys[1].origin);
    assert!(settings.show().contains("keys.quit = [\"Q\", \"Ctrl-q\"]  # "), "{}", settings.show());
    let check = |text: &str, expected: &str| assert_eq!(World::new().file(text).refusal(), expected);
    let expected = "a key in quotes, or a list of them: \"n\" or [\"x\", \"Del\"]";
    check("[keys]\nadd = 3\n", &format!("config/config.toml:2: keys.add is {expected}"));
    check("[keys]\nadd = [\n\"a\", 4]\n", &format!("config/config.toml:3: keys.add is {expected}"));
}

#[test]
fn the_look() {
    let ui = World::new().file("[ui]\ntheme = \"mine\"\nup_color = \"red\"\n").load().unwrap().ui;
    assert_eq!((ui.theme.as_str(), ui.red_up), ("mine", true));
    let check = |text: &str, expected: &str| assert_eq!(World::new().file(text).refusal(), expected);
    check(
        "[ui]\nup_color = \"blue\"\n",
        "config/config.toml:2: ui.up_color: `blue` is not a colour for rising prices: use green or red",
    );
    check(
        "ui.theme = \"../x\"\n",
        "config/config.toml:1: ui.theme: `../x` is not a name: letters, digits, `-` and `_` are allowed",
    );
}

#[test]
fn theme_files() {
    let world = World::new();
    assert_eq!(themes(&world.at("config")), []);
    fs::create_dir(world.at("config/themes")).unwrap();
    let write = |name: &str, text: &str| fs::write(world.at(&format!("config/themes/{name}")), text).unwrap();
    write("b.toml", "base = \"light\"\n\ntext = \"#123456\"\n");
    write("a.toml", "text = \n");
    write("c.toml", "# x\ntext = 3\n");
    write("notes.txt", "text = 3\n");
    let found = themes(&world.at("config"));
    assert_eq!(found.iter().map(|theme| theme.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(found[0].entries.as_ref().unwrap_err().0, 1);
    assert_eq!(
        found[1].entries.as_deref(),
        Ok(&[("base".to_owned(), "light".to_owned(), 1), ("text".to_owned(), "#123456".to_owned(), 3)][..])
    );
    assert_eq!(found[2].entries, Err((2, "text is a colour in quotes".to_owned())));
    assert!(found[1].path.ends_with("themes/b.toml"));
}
