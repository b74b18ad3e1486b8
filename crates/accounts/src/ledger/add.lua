-- Adds to the totals of some rows, once for each batch, however often it is sent.
-- KEYS: the mark of the batch; then for each row the index of its day, and its totals.
-- ARGV: seconds that marks and rows are kept; then for each row its name, the number of its fields, and fields and
-- numbers in turn.
local MOST = '9223372036854775807'
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then
  return 0
end
local at = 3
for key = 2, #KEYS, 2 do
  local index, row = KEYS[key], KEYS[key + 1]
  redis.call('SADD', index, ARGV[at])
  redis.call('EXPIRE', index, ARGV[2])
  local fields = tonumber(ARGV[at + 1])
  at = at + 2
  for _ = 1, fields do
    local added = redis.pcall('HINCRBY', row, ARGV[at], ARGV[at + 1])
    if type(added) == 'table' and added.err then
      -- Beyond 64 bits.
      redis.call('HSET', row, ARGV[at], MOST)
    end
    at = at + 2
  end
  redis.call('EXPIRE', row, ARGV[2])
end
return 1
