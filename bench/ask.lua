-- For wrk: sends the requests of the file BENCH_REQUESTS in turn, as they are, and tells how it went in a line of JSON.
local file = assert(io.open(os.getenv("BENCH_REQUESTS"), "rb"))
local requests, turn = {}, 0
for each in file:read("*a"):gmatch("%Z+") do requests[#requests + 1] = each end
file:close()

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"answers": %d, "us": %d, "failed": %d, "p50_us": %d, "p95_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
