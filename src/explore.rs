//! Explores every order in which the storage calls of several requests can happen.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// Visits every state that can be reached from `initial`, breadth first. Returns their number, or the
/// shortest way to one that `check` refuses.
pub(crate) fn explore<S: Clone + Eq + Hash + Debug, L: Debug>(
    initial: S,
    successors: impl Fn(&S) -> Vec<(L, S)>,
    check: impl Fn(&S) -> Result<(), String>,
) -> Result<usize, String> {
    let mut known = HashSet::from([initial.clone()]);
    let mut visited = vec![(initial, None::<(usize, L)>)];
    let mut index = 0;
    while let Some((state, _)) = visited.get(index) {
        if let Err(violation) = check(state) {
            let mut way = vec![format!("{violation}\n{state:#?}")];
            let mut at = index;
            while let Some((before, step)) = &visited[at].1 {
                way.push(format!("{step:?}"));
                at = *before;
            }
            way.reverse();
            return Err(way.join("\n"));
        }
        for (step, next) in successors(&state.clone()) {
            if known.insert(next.clone()) {
                visited.push((next, Some((index, step))));
            }
        }
        index += 1;
    }
    Ok(visited.len())
}
