-- Keeps parked letters no longer.
--
-- KEYS: parked, how many are parked by source
-- ARGV: their names
-- Returns: how many there were.
local found = 0
for _, name in ipairs(ARGV) do
  local entry = redis.call('XRANGE', KEYS[1], name, name)[1]
  if entry then
    found = found + 1
    redis.call('XDEL', KEYS[1], name)
    redis.call('HINCRBY', KEYS[2], entry[2][2], -1)
  end
end
return found
