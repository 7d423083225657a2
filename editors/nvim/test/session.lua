-- What `run.sh` does inside Neovim. Prints one line per check and ends Neovim with the number of failures.
local plugin = vim.env.CINDER_PLUGIN
vim.opt.runtimepath:prepend(plugin)
vim.opt.hidden = true
vim.opt.swapfile = false
vim.cmd("filetype on")
dofile(plugin .. "/plugin/cinder.lua")

local failures = 0
local function check(name, holds, detail)
  if holds then
    io.stdout:write("ok - " .. name .. "\n")
  else
    failures = failures + 1
    io.stdout:write("not ok - " .. name .. ": " .. vim.inspect(detail) .. "\n")
  end
end

local function wait(condition)
  return vim.wait(30000, condition, 20)
end

local function messages(buffer)
  return vim.tbl_map(function(diagnostic)
    return diagnostic.message
  end, vim.diagnostic.get(buffer))
end

local function main()
  local cmd = { vim.env.CINDER_BINARY, "server" }
  if vim.lsp.enable then
    vim.lsp.config("cinder", { cmd = cmd })
    vim.lsp.enable("cinder")
  else
    require("cinder").setup({ cmd = cmd })
  end
  local project = vim.env.CINDER_PROJECT

  vim.cmd("edit " .. project .. "/user.py")
  vim.bo.filetype = "python"
  local user = vim.api.nvim_get_current_buf()
  check("a static error is shown", wait(function()
    return #vim.diagnostic.get(user) == 1
  end), messages(user))

  vim.cmd("edit " .. project .. "/effects.py")
  vim.bo.filetype = "python"
  local effects = vim.api.nvim_get_current_buf()
  check("a strict violation is shown", wait(function()
    return #vim.diagnostic.get(effects) == 1
  end), messages(effects))
  check("it names the call", (messages(effects)[1] or ""):match("open") ~= nil, messages(effects))

  -- Definition in another file.
  vim.api.nvim_set_current_buf(user)
  vim.api.nvim_win_set_cursor(0, { 6, 12 })
  vim.lsp.buf.definition()
  check("definition leads into the other file", wait(function()
    return vim.api.nvim_buf_get_name(0):match("library%.py$") ~= nil
  end), vim.api.nvim_buf_get_name(0))
  local cursor = vim.api.nvim_win_get_cursor(0)
  check("and to the function", cursor[1] == 4 and cursor[2] == 4, cursor)
  local library = vim.api.nvim_get_current_buf()
  vim.bo.filetype = "python"

  -- Rename there, see it here.
  wait(function()
    return require("cinder").client(library) ~= nil
  end)
  vim.lsp.buf.rename("third")
  check("rename changes both files", wait(function()
    local text = table.concat(vim.api.nvim_buf_get_lines(user, 0, -1, false), "\n")
    local own = table.concat(vim.api.nvim_buf_get_lines(library, 0, -1, false), "\n")
    return own:match("def third") ~= nil and text:match("import third") ~= nil and text:match("return third") ~= nil
  end), vim.api.nvim_buf_get_lines(user, 0, -1, false))
  check("and the error stays", wait(function()
    return #vim.diagnostic.get(user) == 1
  end), messages(user))

  -- A stage beside the source.
  vim.cmd("silent wall")
  vim.api.nvim_win_set_cursor(0, { 6, 4 })
  vim.cmd("CinderStage bytecode")
  check("the bytecode is shown", wait(function()
    return vim.api.nvim_buf_get_name(0):match("cinder%-stage") ~= nil
  end), vim.api.nvim_buf_get_name(0))
end

local ok, reason = xpcall(main, debug.traceback)
if not ok then
  failures = failures + 1
  io.stdout:write(reason .. "\n")
end
io.stdout:write(failures == 0 and "all passed\n" or failures .. " failed\n")
io.stdout:flush()
for _, client in pairs(vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()) do
  client.stop()
end
vim.cmd(failures == 0 and "qall!" or "cquit!")
