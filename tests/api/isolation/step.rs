//! What users try.

use proptest::prelude::*;

/// What one user does, with ids of either workspace: `of` says whose they are.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) by: usize,
    pub(super) workspace_of: usize,
    pub(super) project_of: usize,
    pub(super) project: usize,
    pub(super) action: Action,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Create {
        is_public: bool,
    },
    List {
        query: &'static str,
        with_token_of: Option<usize>,
    },
    Get,
    GetBySlug,
    Patch {
        if_match: Option<&'static str>,
    },
    Delete,
    GetWorkspace,
    PatchWorkspace,
    DeleteWorkspace,
    JoinAsOwner,
    /// Into the workspace of whoever moves it.
    Move,
    Batch {
        delete: bool,
    },
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        any::<bool>().prop_map(|is_public| Action::Create { is_public }),
        (
            prop::sample::select(vec![
                "limit=1",
                "orderBy=-name&limit=100",
                "visibility=public",
                "q=o",
                "tag=' OR true OR '",
            ]),
            prop::option::of(0..2_usize)
        )
            .prop_map(|(query, with_token_of)| Action::List {
                query,
                with_token_of
            }),
        Just(Action::Get),
        Just(Action::GetBySlug),
        prop::option::of(prop::sample::select(vec!["*", "\"a\""]))
            .prop_map(|if_match| Action::Patch { if_match }),
        Just(Action::Delete),
        Just(Action::GetWorkspace),
        Just(Action::PatchWorkspace),
        Just(Action::DeleteWorkspace),
        Just(Action::JoinAsOwner),
        Just(Action::Move),
        any::<bool>().prop_map(|delete| Action::Batch { delete }),
    ];
    (0..2_usize, 0..2_usize, 0..2_usize, 0..8_usize, action).prop_map(
        |(by, workspace_of, project_of, project, action)| Step {
            by,
            workspace_of,
            project_of,
            project,
            action,
        },
    )
}
