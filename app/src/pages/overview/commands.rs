//! What can be done with a job in which state, and if not, why.

/// A command of the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Start,
    RunNow,
    Pause,
    Restart,
}

impl Command {
    pub(crate) const ALL: [Self; 4] = [Self::Start, Self::RunNow, Self::Pause, Self::Restart];

    /// Its name on the button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Start => "Start provisioning",
            Self::RunNow => "Run now",
            Self::Pause => "Pause provisioning",
            Self::Restart => "Restart provisioning",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Start | Self::RunNow => "play",
            Self::Pause => "pause",
            Self::Restart => "restart",
        }
    }

    /// Where it is sent, below the job.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::Start | Self::RunNow => "start",
            Self::Pause => "pause",
            Self::Restart => "restart",
        }
    }

    /// What is said when it was sent.
    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Start => "Provisioning was started",
            Self::RunNow => "A cycle was started",
            Self::Pause => "Provisioning is paused",
            Self::Restart => "Provisioning was restarted",
        }
    }

    /// Why it cannot be given now; empty when it can. `state` is the job's `status.code`.
    pub(crate) fn blocked(self, state: &str, running: bool) -> &'static str {
        const NOT_CONNECTED: &str = "Save Tenant URL and Secret Token under Provisioning first";
        match (self, state) {
            (_, "NotConfigured") => NOT_CONNECTED,
            (Self::Start, "Active") => "Provisioning is started already",
            (Self::Start, _) => "",
            (Self::RunNow | Self::Pause | Self::Restart, "NotRun") => "Start provisioning first",
            (Self::RunNow, "Paused") => "Provisioning is paused: start it",
            (Self::RunNow, _) if running => "A cycle is running",
            (Self::Pause, "Paused") => "Provisioning is paused already",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn commands_follow_the_state() {
        let can = |state, running| Command::ALL.map(|command| command.blocked(state, running).is_empty());
        assert_eq!(can("NotConfigured", false), [false, false, false, false]);
        assert_eq!(can("NotRun", false), [true, false, false, false]);
        assert_eq!(can("Active", false), [false, true, true, true]);
        assert_eq!(can("Active", true), [false, false, true, true]);
        assert_eq!(can("Paused", false), [true, false, false, true]);
        assert_eq!(can("Quarantine", false), [true, true, true, true]);
    }
}
