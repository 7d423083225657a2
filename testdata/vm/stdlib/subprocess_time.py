# subprocess, tempfile, signal-free process basics
import subprocess, sys, os, tempfile
r = subprocess.run(["echo", "hello"], capture_output=True, text=True)
print(r.returncode, repr(r.stdout), repr(r.stderr))  # expect: 0 'hello\n' ''
r = subprocess.run("cat; exit 3", shell=True, input=b"in\n", stdout=subprocess.PIPE)
print(r.returncode, r.stdout)  # expect: 3 b'in\n'
try:
    subprocess.run(["false"], check=True)
except subprocess.CalledProcessError as e:
    print(e.returncode, e)
# expect: 1 Command '['false']' returned non-zero exit status 1.
try:
    subprocess.run(["surely-no-such-program"])
except FileNotFoundError as e:
    print(e.filename)
# expect: surely-no-such-program
print(subprocess.check_output(["printf", "a\\nb"], text=True).splitlines(), subprocess.call(["true"]), subprocess.getoutput("echo sh"))
# expect: ['a', 'b'] 0 sh
p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(p.communicate("piped"), p.returncode, p.poll())  # expect: ('piped', None) 0 0
with subprocess.Popen(["sh", "-c", "echo out; echo err >&2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
    print(sorted(p.stdout.read().split()))
# expect: [b'err', b'out']
try:
    subprocess.run(["sleep", "5"], timeout=0.05)
except subprocess.TimeoutExpired as e:
    print(e.timeout)
# expect: 0.05
p = subprocess.Popen(["sleep", "5"])
p.terminate()
print(p.wait())  # expect: -15
print(subprocess.run(["sh", "-c", "echo $V; pwd"], env={"V": "val", "PATH": os.environ["PATH"]}, cwd="/", capture_output=True, text=True).stdout.split())
# expect: ['val', '/']
with tempfile.NamedTemporaryFile("w+") as f:
    f.write("x")
    f.flush()
    print(os.path.getsize(f.name))
# expect: 1
with tempfile.SpooledTemporaryFile() as f:
    f.write(b"sp")
    f.seek(0)
    print(f.read())
# expect: b'sp'
fd, name = tempfile.mkstemp()
os.write(fd, b"raw")
os.close(fd)
print(open(name).read(), os.unlink(name))  # expect: raw None
rd, wr = os.pipe()
os.write(wr, b"pipe")
os.close(wr)
print(os.read(rd, 10), os.read(rd, 10), os.close(rd))  # expect: b'pipe' b'' None
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))  # expect: 7
