-- Replaces a value, if it is still the one that was read.
--
-- KEYS: value
-- ARGV: expected ("" for none), new, channel, announcement
-- Returns: 1 when written, else 0 and the present value.
local present = redis.call('GET', KEYS[1]) or ''
if present ~= ARGV[1] then
  return {0, present}
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return {1, ''}
