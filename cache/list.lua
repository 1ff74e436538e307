-- Keeps the newer of two listings: a value begins with its moment, spelled so that later is greater.
--
-- KEYS: listing
-- ARGV: value, seconds to live, channel, announcement
-- Returns: 1 when written, 0 when a newer one was there.
local present = redis.call('GET', KEYS[1])
if present and present >= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
