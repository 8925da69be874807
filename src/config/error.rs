//! Where a setting came from, and what can be wrong with it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag(&'static str),
    /// A variable of the environment.
    Env(&'static str),
    /// A variable in the `.env` file of the working directory.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The variable.
        variable: &'static str,
    },
    /// The config file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// `section.key`.
        key: &'static str,
    },
    /// Nothing set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Env(variable) => write!(f, "environment variable {variable}"),
            Self::DotEnv { path, variable } => write!(f, "{variable} in {}", path.display()),
            Self::File { path, line, key } => write!(f, "{}:{line}: {key}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Settings that cannot be used; each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value that is not allowed.
    #[error("{origin}: {problem}")]
    Value {
        /// Who set it.
        origin: Origin,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// A key that the config file may not hold.
    #[error("{}:{line}: {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what may have been meant.
        problem: String,
    },
    /// A file that is not TOML, or not a list of variables.
    #[error("{}:{line}: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser said.
        problem: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The platform names no home folder, so nothing has a default place.
    #[error("this user has no home folder: set HOME")]
    NoHome,
}
