-- Takes things off the agenda that were done, unless something has happened to them since.
--
-- KEYS: agenda
-- ARGV: name and score of each, as they were when they were taken up
-- Returns: how many are off
local off = 0
for position = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[position])
  if score and tonumber(score) == tonumber(ARGV[position + 1]) then -- versions of Redis spell them differently
    off = off + redis.call('ZREM', KEYS[1], ARGV[position])
  end
end
return off
