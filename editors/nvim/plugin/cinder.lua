-- Commands, the views of stages, and bundled stubs.
if vim.g.loaded_cinder then
  return
end
vim.g.loaded_cinder = true

vim.api.nvim_create_user_command("CinderStage", function(command)
  require("cinder").stage(command.args ~= "" and command.args or "bytecode")
end, {
  nargs = "?",
  desc = "Show a stage of the function under the cursor",
  complete = function(prefix)
    return vim.tbl_filter(function(name)
      return vim.startswith(name, prefix)
    end, require("cinder").stages())
  end,
})

vim.api.nvim_create_autocmd("BufReadCmd", {
  group = vim.api.nvim_create_augroup("cinder_stubs", { clear = true }),
  pattern = "cinder-stub:*",
  callback = function(event)
    vim.bo[event.buf].buftype = "nofile"
    vim.bo[event.buf].filetype = "python"
    require("cinder").read_stub(event.buf, event.match)
  end,
})

-- A lens runs `cinder.dump` on the server; what it answers is shown.
vim.lsp.commands["cinder.dump"] = function(command)
  local argument = (command.arguments or {})[1] or {}
  require("cinder").stage(argument.stage or "bytecode")
end
