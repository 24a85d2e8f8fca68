//! The health of storage, as an app without other requests tells it.

use crate::app::App;
use crate::degradation::until_ready;
use cosmos_emulator::{Fault, RequestFilter, Resource};
use reqwest::StatusCode;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_health_of_an_idle_app_is_looked_at_again() {
    let app = App::start().await;
    until_ready(&app.handler).await;
    app.emulator.stop_listening().await.unwrap();
    // Nobody else asks storage for anything.
    while app.handler.get("/api/health/ready").await.status == StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    app.emulator.listen_again().unwrap();
    until_ready(&app.handler).await;
}

#[tokio::test]
async fn however_many_ask_for_the_health_one_looks_for_at_most_one_request_unit() {
    let app = App::start().await;
    until_ready(&app.handler).await;
    let held = Fault {
        item_id: Some("health".to_owned()),
        hold: true,
        ..Fault::default()
    };
    let held = app.emulator.inject(held).unwrap();
    let reads = || {
        let items = RequestFilter {
            resource: Some(Resource::Item),
            ..RequestFilter::default()
        };
        app.emulator.requests_matching(&items)
    };
    let before = reads();
    let first = async {
        while reads().total == before.total {
            app.handler.get("/api/health/ready").await;
        }
    };
    let others = async {
        assert!(app.emulator.fired(held, 1).await);
        let began = Instant::now();
        let asked = (0..20).map(|_| app.handler.get("/api/health/ready"));
        tokio::join!(futures::future::join_all(asked), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            // A look is given up after two seconds, and then there may be another.
            let looks = 1 + began.elapsed().as_secs().div_ceil(2);
            assert!(reads().total <= before.total + looks);
            app.emulator.remove_fault(held);
        });
    };
    tokio::join!(first, others);
    until_ready(&app.handler).await;
    let after = reads();
    let looks = after.total - before.total;
    let charged = after.request_charge - before.request_charge;
    assert!((1..5).contains(&looks), "{looks} looks");
    assert!(
        charged <= f64::from(u32::try_from(looks).unwrap()),
        "{charged} request units"
    );
}
