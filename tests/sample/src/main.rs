//! `cargo run -p sample-data -- --users 1000 > contoso.csv`

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

const USAGE: &str = "Usage: sample-data [--users N]    writes N people (1000) of Contoso as CSV";
const DEFAULT_USERS: usize = 1_000;
/// Employee numbers have eight digits.
const MAX_USERS: usize = 1_000_000;

fn main() -> ExitCode {
    let users = match parse(std::env::args().skip(1)) {
        Ok(users) => users,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match sample_data::write_people(users, &mut out).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // `sample-data | head` has what it wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sample-data: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<usize, String> {
    let mut users = DEFAULT_USERS;
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--users") {
            Some("") => arguments.next().ok_or("--users needs a number")?,
            Some(rest) if rest.starts_with('=') => rest.chars().skip(1).collect(),
            _ => return Err(format!("unknown argument {argument:?}")),
        };
        users = value
            .parse()
            .ok()
            .filter(|users| (1..=MAX_USERS).contains(users))
            .ok_or(format!("--users {value}: not a number from 1 to {MAX_USERS}"))?;
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let check = |arguments: &[&str], expected: Result<usize, &str>| {
            let result = parse(arguments.iter().map(|argument| (*argument).to_owned()));
            assert_eq!(result, expected.map_err(str::to_owned));
        };
        check(&[], Ok(1_000));
        check(&["--users", "20"], Ok(20));
        check(&["--users=100000"], Ok(100_000));
        check(&["--users"], Err("--users needs a number"));
        check(&["--users", "0"], Err("--users 0: not a number from 1 to 1000000"));
        check(&["--help"], Err("unknown argument \"--help\""));
    }
}
