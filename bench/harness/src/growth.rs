//! More of everything: longer pages, larger items, more members, more projects.

use super::contender::{CALLER, Contender, WORKSPACE};
use super::load::Target;
use super::operation::Operation;
use super::spread::Spread;
use anyhow::Context;
use std::time::Instant;
use ureq::Agent;
use xtask::local::agent;

/// What there is more of, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// Projects on a page of a list.
    Page(u32),
    /// Characters of the description of a project that is read.
    Description(u32),
    /// Members of the workspace of a project that is read.
    Members(u32),
    /// Projects of the workspace of one that is read.
    ReadAmong(u32),
    /// Projects of the workspace of twenty that are listed.
    ListAmong(u32),
}

/// How the ids begin of workspaces that have more of these.
const DESCRIPTION: u8 = 1;
const MEMBER: u8 = 2;
const PROJECT: u8 = 3;

const MEMBERS: [u32; 3] = [1, 100, 1_000];
const PROJECTS: [u32; 3] = [10, 1_000, 100_000];

/// Workspaces that the gateway has for first reads. Another one is for reads by load.
const FIRST_READS: u32 = 20;

/// Milliseconds, for one caller.
#[derive(Debug)]
pub(super) struct FirstRead {
    pub(super) members: u32,
    pub(super) first: Spread,
    pub(super) again: Spread,
    /// Request units of the first and of the second.
    pub(super) charges: [Option<f64>; 2],
}

impl Growth {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let pages = [1, 20, 100].map(Self::Page).into_iter();
        let descriptions = [200, 1_000, 10_000, 100_000].map(Self::Description);
        pages
            .chain(descriptions)
            .chain(MEMBERS.map(Self::Members))
            .chain(PROJECTS.map(Self::ReadAmong))
            .chain(PROJECTS.map(Self::ListAmong))
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Page(size) => format!("list of {size}"),
            Self::Description(characters) => {
                let kilobytes = f64::from(characters) / 1e3;
                format!("point read, description of {kilobytes} KB")
            }
            Self::Members(count) => format!("point read, members: {count}"),
            Self::ReadAmong(count) => format!("point read, projects in the workspace: {count}"),
            Self::ListAmong(count) => format!("list of 20, projects in the workspace: {count}"),
        }
    }

    /// What is asked of the handler at this URL. All ask for the same project: some workspaces have few.
    pub(super) fn target(self, base: &str) -> Target {
        match self {
            Self::Page(size) => list(base, WORKSPACE, size),
            Self::Description(size) => read(base, &workspace(DESCRIPTION, 0, size)),
            Self::Members(count) => read(base, &workspace(MEMBER, 0, count)),
            Self::ReadAmong(count) => read(base, &workspace(PROJECT, 0, count)),
            Self::ListAmong(count) => list(base, &workspace(PROJECT, 0, count), 20),
        }
    }
}

/// The id of one that the gateway holds with `--growth`: what it has more of, which one of these it is, and how many.
fn workspace(kind: u8, copy: u32, size: u32) -> String {
    format!("01900000-0000-7000-8000-{kind}{copy:03}{size:08}")
}

fn read(base: &str, workspace: &str) -> Target {
    let projects = format!("{base}/api/workspaces/{workspace}/projects");
    Target::get(format!("{projects}/01900000-0000-7000-8000-000000000000")).with(CALLER)
}

fn list(base: &str, workspace: &str, size: u32) -> Target {
    let projects = format!("{base}/api/workspaces/{workspace}/projects");
    Target::get(format!("{projects}?limit={size}")).with(CALLER)
}

/// How long the first read in a workspace takes, for which the caller's item as a member is read as well, and the next
/// one.
pub(super) fn first_reads(handler: &Contender) -> anyhow::Result<Vec<FirstRead>> {
    // It has its connection when time counts.
    let agent = agent();
    handler.target(Operation::Hello)?.ask(&agent)?;
    let reads = MEMBERS.map(|members| {
        let copies = (1..=FIRST_READS).map(|copy| {
            let target = read(&handler.base, &workspace(MEMBER, copy, members));
            Ok([timed(&target, &agent)?, timed(&target, &agent)?])
        });
        let copies = copies.collect::<anyhow::Result<Vec<_>>>()?;
        let times = |read: usize| Spread::of(copies.iter().map(|reads| reads[read].0));
        Ok(FirstRead {
            members,
            first: times(0).context("nothing was read")?,
            again: times(1).context("nothing was read")?,
            charges: copies[0].map(|(_, charge)| charge),
        })
    });
    reads.into_iter().collect()
}

/// Milliseconds, and request units.
fn timed(target: &Target, agent: &Agent) -> anyhow::Result<(f64, Option<f64>)> {
    let started = Instant::now();
    let charge = target.ask(agent)?;
    Ok((started.elapsed().as_secs_f64() * 1e3, charge))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_gateway() {
        assert_eq!(
            workspace(MEMBER, 20, 1_000),
            "01900000-0000-7000-8000-202000001000"
        );
        assert_eq!(
            workspace(PROJECT, 0, 100_000),
            "01900000-0000-7000-8000-300000100000"
        );
    }

    #[test]
    fn names_say_how_much_there_is() {
        let names: Vec<_> = Growth::all().map(Growth::name).collect();
        assert!(
            names.contains(&"point read, description of 0.2 KB".to_owned()),
            "{names:?}"
        );
        assert!(
            names.contains(&"point read, description of 100 KB".to_owned()),
            "{names:?}"
        );
        assert_eq!(names.len(), 16);
    }
}
