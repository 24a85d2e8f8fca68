//! Keeps connections busy: each sends a request, waits for the whole answer, and sends the next, until the time is
//! over. Prints one line of JSON. One thread; it costs little beside what it measures.

mod measured;
mod request;

use anyhow::{Context, ensure};
use clap::Parser;
use http_body_util::BodyExt;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use measured::Measured;
use mimalloc::MiMalloc;
use request::{Body, Template};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Sends requests over keep-alive connections and measures how long each takes.
#[derive(Debug, Parser)]
struct Arguments {
    /// `{connection}` in the URL and the body stands for the connection's number, in 12 hexadecimal digits, and
    /// `{request}` for a number that no other request has, of this run or another.
    url: String,
    #[arg(long, default_value = "GET")]
    method: String,
    /// `name: value`; may be repeated.
    #[arg(long)]
    header: Vec<String>,
    #[arg(long)]
    body: Option<String>,
    /// The status that every answer must have.
    #[arg(long, default_value_t = 200)]
    status: u16,
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Ends after so many requests, of all connections together, and not after a time.
    #[arg(long)]
    requests: Option<u64>,
    /// Ends after this time.
    #[arg(long, default_value_t = 3_000)]
    milliseconds: u64,
}

/// For load of so many requests, however long they take.
const LONG: Duration = Duration::from_hours(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let template = Rc::new(Template::new(&arguments)?);
    let run = Run {
        template,
        next: Rc::new(Cell::new(microseconds_since_1970()?)),
        left: Rc::new(Cell::new(arguments.requests.unwrap_or(u64::MAX))),
        status: arguments.status,
    };
    let measured = LocalSet::new().run_until(run.all(&arguments)).await?;
    println!("{}", measured.to_json());
    Ok(())
}

#[derive(Debug, Clone)]
struct Run {
    template: Rc<Template>,
    /// The number of the next one. It takes more than a microsecond to send one, so runs do not meet.
    next: Rc<Cell<u64>>,
    /// Requests that are still to be sent.
    left: Rc<Cell<u64>>,
    status: u16,
}

impl Run {
    async fn all(self, arguments: &Arguments) -> anyhow::Result<Measured> {
        let mut connections = Vec::with_capacity(arguments.connections);
        for _ in 0..arguments.connections {
            connections.push(connect(self.template.address()).await?);
        }
        let started = Instant::now();
        let time = Duration::from_millis(arguments.milliseconds);
        let end = started + arguments.requests.map_or(time, |_| LONG);
        let running: Vec<_> = connections
            .into_iter()
            .enumerate()
            .map(|(number, sender)| tokio::task::spawn_local(self.clone().one(number, sender, end)))
            .collect();
        let mut all = Measured::new()?;
        for connection in running {
            all.add(&connection.await??)?;
        }
        all.lasted(started.elapsed());
        Ok(all)
    }

    /// Takes it, too.
    fn one_is_left(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    async fn one(
        self,
        number: usize,
        mut sender: SendRequest<Body>,
        end: Instant,
    ) -> anyhow::Result<Measured> {
        let mut measured = Measured::new()?;
        while Instant::now() < end && self.one_is_left() {
            let request = self.template.request(number, self.next.get())?;
            self.next.set(self.next.get() + 1);
            let sent = Instant::now();
            let mut answer = sender.send_request(request).await?;
            let status = answer.status().as_u16();
            let expected = status == self.status;
            while let Some(frame) = answer.body_mut().frame().await {
                let frame = frame?;
                if let (false, Some(part)) = (expected, frame.data_ref()) {
                    eprintln!("{}", String::from_utf8_lossy(part));
                }
            }
            ensure!(expected, "{status} instead of {}", self.status);
            measured.record(sent.elapsed())?;
            sender.ready().await.context("the connection was closed")?;
        }
        Ok(measured)
    }
}

fn microseconds_since_1970() -> anyhow::Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(now.as_micros().try_into()?)
}

async fn connect(address: &str) -> anyhow::Result<SendRequest<Body>> {
    let stream = TcpStream::connect(address).await;
    let stream = stream.with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(connection);
    Ok(sender)
}
