# Processes: fork, wait, exec, pipes, and the child's half of subprocess.
import os
import signal
import subprocess
import sys
import threading

r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(w, b"from the child")
    os._exit(7)
print(os.read(r, 100), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))  # expect: b'from the child' 7

# Threads work in the child of a program that had threads.
threading.Thread(target=print, args=("a thread",)).start()
# expect: a thread
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    thread = threading.Thread(target=os._exit, args=(9,))
    thread.start()
    thread.join()
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))  # expect: 9

hooks = []
os.register_at_fork(before=lambda: hooks.append("before"), after_in_parent=lambda: hooks.append("parent"))
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
print(hooks)  # expect: ['before', 'parent']

print(subprocess.run(["cat"], input=b"text", capture_output=True).stdout)  # expect: b'text'
print(subprocess.run("exit 3", shell=True).returncode)  # expect: 3
print(subprocess.run(["sh", "-c", "echo $VALUE"], env={"VALUE": "given"}, capture_output=True, text=True).stdout.strip())  # expect: given
print(subprocess.run(["pwd"], cwd="/", capture_output=True, text=True).stdout.strip())  # expect: /
try:
    subprocess.run(["/no/such/program"])
except FileNotFoundError as error:
    print(error)  # expect: [Errno 2] No such file or directory: '/no/such/program'
try:
    subprocess.run(["cat"], cwd="/no/such/folder")
except FileNotFoundError as error:
    print(error)  # expect: [Errno 2] No such file or directory: '/no/such/folder'
try:
    subprocess.run(["sleep", "100"], timeout=0.05)
except subprocess.TimeoutExpired as error:
    print(error)  # expect: Command '['sleep', '100']' timed out after 0.05 seconds
process = subprocess.Popen(["sleep", "100"])
process.terminate()
print(process.wait() == -signal.SIGTERM)  # expect: True
print(subprocess.run(["true"], preexec_fn=lambda: None).returncode)  # expect: 0
try:
    subprocess.run(["true"], preexec_fn=lambda: 1 // 0)
except subprocess.SubprocessError as error:
    print(error)  # expect: Exception occurred in preexec_fn.

# Data of a forgotten writer is there for whoever looks.
path = f"/tmp/cinder-process-tools-{os.getpid()}"
open(path, "w").write("unflushed")
print(os.stat(path).st_size, open(path).read())  # expect: 9 unflushed
print(subprocess.run(["cat", path], capture_output=True).stdout)  # expect: b'unflushed'
os.unlink(path)
