-- Reads one page of the stall board of a partition.
--
-- KEYS: rows, then the indexes of each stage, those of a stage one after another; a row counts that is in all of them
-- ARGV: indexes per stage, latest score, score and name after which the page begins ("" for the beginning), most rows,
--       then for each stage whether it is on the page (1) or only counted (0)
-- Returns: for each stage how many rows there are and the bytes of the first; then for each row of the page, which is
--          in order: score, name and bytes
local per_stage, latest, after, name, most = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local STAGES, INDEXES = 6, 2
local counts, page = {}, {}

-- Rows that are in several indexes, in order, as ZRANGE with scores would give them
local function in_all(first)
  local command = {'ZINTER', per_stage}
  for place = first, first + per_stage - 1 do command[#command + 1] = KEYS[place] end
  for _, each in ipairs({'AGGREGATE', 'MAX', 'WITHSCORES'}) do command[#command + 1] = each end
  local found, due = redis.call(unpack(command)), {}
  for place = 1, #found, 2 do
    if tonumber(found[place + 1]) <= tonumber(latest) then
      due[#due + 1], due[#due + 2] = found[place], found[place + 1]
    end
  end
  return due
end

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

for stage = 0, #ARGV - STAGES do
  local first = INDEXES + stage * per_stage
  local index, is_shown = KEYS[first], ARGV[STAGES + stage] == '1'
  if per_stage == 1 then
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
  else
    local due = in_all(first)
    counts[#counts + 1] = #due / 2
    counts[#counts + 1] = due[1] or false
    if is_shown then add(due, 0) end
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
