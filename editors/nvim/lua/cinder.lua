-- Starts the server in every Neovim since 0.7, and shows what has no standard view.
--
--   require("cinder").setup({
--     cmd = { "cinder", "server" },      -- how to start it
--     settings = { mode = "full" },      -- what the VS Code extension calls cinder.*
--     on_attach = function(client, buffer) end,
--   })

local M = {}

local options = {
  cmd = { "cinder", "server" },
  settings = {},
  root_markers = { "pyproject.toml", ".venv", ".git" },
}

-- The nearest folder above a file that holds one of the markers; the file's own without one.
local function root_of(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  local current = folder
  while true do
    for _, marker in ipairs(options.root_markers) do
      if vim.fn.filereadable(current .. "/" .. marker) == 1 or vim.fn.isdirectory(current .. "/" .. marker) == 1 then
        return current
      end
    end
    local parent = vim.fn.fnamemodify(current, ":h")
    if parent == current then
      return folder
    end
    current = parent
  end
end

-- One server per root.
local clients = {}

local function config_for(root)
  return {
    name = "cinder",
    cmd = options.cmd,
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = vim.fn.fnamemodify(root, ":t") } },
    init_options = options.settings,
    settings = { cinder = options.settings },
    on_attach = options.on_attach,
    on_exit = function()
      clients[root] = nil
    end,
  }
end

-- Attaches a buffer with Python to its server.
function M.attach(buffer)
  buffer = (buffer == nil or buffer == 0) and vim.api.nvim_get_current_buf() or buffer
  local name = vim.api.nvim_buf_get_name(buffer)
  if name == "" or name:match("^cinder%-%a+:") then
    return
  end
  local root = root_of(name)
  if vim.lsp.start then
    vim.lsp.start(config_for(root), { bufnr = buffer })
    return
  end
  -- Before 0.8 servers are counted by hand.
  clients[root] = clients[root] or vim.lsp.start_client(config_for(root))
  if clients[root] then
    vim.lsp.buf_attach_client(buffer, clients[root])
  end
end

function M.setup(user)
  options = vim.tbl_deep_extend("force", options, user or {})
  local group = vim.api.nvim_create_augroup("cinder", { clear = true })
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "python",
    callback = function(event)
      M.attach(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == "python" then
      M.attach(buffer)
    end
  end
end

-- The running server of a buffer.
function M.client(buffer)
  buffer = (buffer == nil or buffer == 0) and vim.api.nvim_get_current_buf() or buffer
  local found
  if vim.lsp.get_clients then
    found = vim.lsp.get_clients({ bufnr = buffer, name = "cinder" })
  else
    found = vim.tbl_filter(function(client)
      return client.name == "cinder"
    end, vim.lsp.buf_get_clients(buffer))
  end
  return vim.tbl_values(found)[1]
end

local function request(client, method, params, buffer, handler)
  if vim.fn.has("nvim-0.11") == 1 then
    client:request(method, params, handler, buffer)
  else
    client.request(method, params, handler, buffer)
  end
end

-- Shows text beside the current window.
local function show(title, text)
  vim.cmd("vertical new")
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = "nofile"
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].swapfile = false
  pcall(vim.api.nvim_buf_set_name, buffer, "cinder-stage://" .. title)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, "\n", { plain = true }))
  vim.bo[buffer].modifiable = false
end

-- Shows a stage of the compiler for the function under the cursor: "bytecode", "hir", "asm" and others.
function M.stage(name)
  local buffer = vim.api.nvim_get_current_buf()
  local client = M.client(buffer)
  if not client then
    vim.notify("cinder: no server for this buffer", vim.log.levels.WARN)
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.stage = name
  request(client, "cinder/dump", params, buffer, function(error, dump)
    if error then
      vim.notify("cinder: " .. error.message, vim.log.levels.ERROR)
    elseif dump then
      show(dump.title, dump.text)
    end
  end)
end

-- The names of all stages, for completion on the command line.
function M.stages()
  local client = M.client(0)
  local answer = client and vim.lsp.buf_request_sync(0, "cinder/stages", nil, 1000)
  for _, result in pairs(answer or {}) do
    if result.result then
      return result.result
    end
  end
  return {}
end

-- Fills a buffer with the text of a bundled stub.
function M.read_stub(buffer, uri)
  for _, client in pairs(vim.lsp.get_clients and vim.lsp.get_clients({ name = "cinder" }) or vim.lsp.get_active_clients()) do
    if client.name == "cinder" then
      request(client, "cinder/stubText", { uri = uri }, buffer, function(_, text)
        if type(text) == "string" then
          vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(text, "\n", { plain = true }))
          vim.bo[buffer].modifiable = false
          vim.bo[buffer].modified = false
        end
      end)
      return
    end
  end
end

return M
