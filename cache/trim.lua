-- Drops the oldest entries of the journal, but none that is not settled yet.
--
-- KEYS: inbox
-- ARGV: group, first number to keep, how many bytes may be kept
-- Returns: how many entries were dropped.
local function before(one, other)
  local a, b = string.match(one, '(%d+)-?(%d*)')
  local c, d = string.match(other, '(%d+)-?(%d*)')
  a, b, c, d = tonumber(a), tonumber(b) or 0, tonumber(c), tonumber(d) or 0
  return a < c or (a == c and b < d)
end
local keep = ARGV[2]
local used = redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', 0) or 0
local most, length = tonumber(ARGV[3]), redis.call('XLEN', KEYS[1])
if used > most then
  local surplus = math.ceil(length * (used - most) / used)
  local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', math.min(surplus, 1000))
  local last = entries[#entries]
  if last and before(keep, last[1]) then keep = last[1] end
end
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local told = {}
  for position = 1, #group, 2 do told[group[position]] = group[position + 1] end
  if told['name'] == ARGV[1] then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
    local settled = pending[1] > 0 and pending[2] or told['last-delivered-id']
    if before(settled, keep) then keep = settled end
  end
end
return redis.call('XTRIM', KEYS[1], 'MINID', keep)
