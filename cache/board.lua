-- Reads one page of the stall board of a partition.
--
-- KEYS: rows, then the index of each stage
-- ARGV: latest score, score and name after which the page begins ("" for the beginning), most rows,
--       then for each stage whether it is on the page (1) or only counted (0)
-- Returns: for each stage how many rows there are and the bytes of the first; then for each row of the page, which is
--          in order: score, name and bytes
local latest, after, name, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local STAGES, INDEXES = 4, 1
local counts, page = {}, {}

local function is_after(row, score)
  return after == '' or tonumber(score) > tonumber(after) or (tonumber(score) == tonumber(after) and row > name)
end

local function add(found, taken)
  for place = 1, #found, 2 do
    if taken >= most then return taken end
    if is_after(found[place], found[place + 1]) then
      page[#page + 1] = {found[place], found[place + 1]}
      taken = taken + 1
    end
  end
  return taken
end

for stage = 1, #KEYS - INDEXES do
  local index, is_shown = KEYS[INDEXES + stage], ARGV[STAGES + stage] == '1'
  counts[#counts + 1] = redis.call('ZCOUNT', index, '-inf', latest)
  counts[#counts + 1] = redis.call('ZRANGE', index, '-inf', latest, 'BYSCORE', 'LIMIT', 0, 1)[1] or false
  local taken, offset = 0, 0
  while is_shown and taken < most do
    local start = after == '' and '-inf' or after
    local found = redis.call('ZRANGE', index, start, latest, 'BYSCORE', 'LIMIT', offset, most + 1, 'WITHSCORES')
    taken = add(found, taken)
    offset = offset + most + 1
    if #found < 2 * (most + 1) then break end
  end
end

table.sort(page, function(one, other)
  local mine, yours = tonumber(one[2]), tonumber(other[2])
  if mine == yours then return one[1] < other[1] end
  return mine < yours
end)

local answer = {}
for place = 1, #counts, 2 do
  answer[#answer + 1] = counts[place]
  answer[#answer + 1] = counts[place + 1] and redis.call('HGET', KEYS[1], counts[place + 1]) or ''
end
for place = 1, math.min(most, #page) do
  local row, score = page[place][1], page[place][2]
  answer[#answer + 1] = score
  answer[#answer + 1] = row
  answer[#answer + 1] = redis.call('HGET', KEYS[1], row) or ''
end
return answer
