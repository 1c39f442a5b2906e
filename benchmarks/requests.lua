-- What wrk sends. Arguments: the kind of request and the file with this run's data, a Lua table.
-- One thread: then what `request` takes and `response` gives back belongs to nobody else.

local request_of = {}
local data, position

local function headers(token, more)
  local all = { ["Authorization"] = token and "Bearer " .. token, ["Accept"] = "application/fhir+json" }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local JSON = { ["Content-Type"] = "application/fhir+json" }

local function in_turn(list)
  position = position % #list + 1
  return list[position]
end

-- The same text again and again, made once.
local function prepared()
  for index, one in ipairs(data.requests) do
    data.requests[index] = wrk.format("GET", one.path, headers(one.token))
  end
end

function request_of.get() return in_turn(data.requests) end

-- A new sender's number and a new patient each time.
function request_of.create()
  data.sent = data.sent + 1
  local patient = in_turn(data.patients)
  local body = data.before .. data.run .. "-" .. data.sent .. data.between .. patient .. data.after
  return wrk.format("POST", data.path, data.headers, body)
end

-- A task is taken from those that nobody is changing, and comes back with its answer.
function request_of.update()
  local task = table.remove(data.tasks, 1)
  if not task then error("no task left: too many updates were refused, or too few tasks loaded") end
  data.sent = data.sent + 1
  local body = task.body:gsub('"description":"[^"]*"', '"description":"Change ' .. data.sent .. data.text .. '"', 1)
  data.headers["If-Match"] = 'W/"' .. task.version .. '"'
  return wrk.format("PUT", data.path .. "/" .. task.id, data.headers, body)
end

local function after_update(status, _, body)
  if status ~= 200 then return end
  local version = body:match('"versionId":"(%d+)"')
  local id = body:match('"id":"(%x+%-%x+%-%x+%-%x+%-%x+)"')
  table.insert(data.tasks, { id = id, version = version, body = body })
end

function init(arguments)
  local kind = arguments[1]
  data, position = dofile(arguments[2]), 0
  data.sent = 0
  data.headers = headers(data.token, JSON)
  if kind == "get" then prepared() end
  if kind == "update" then response = after_update end
  request = request_of[kind]
end

function request() end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
