//! A forked child shares what it reads with its parent.

use crate::{Folder, stderr, stdout};

/// Private_Dirty is Linux's word.
const PROGRAM: &str = "
import gc, os, cinder

class Node:
    def __init__(self, i):
        self.ident, self.name, self.tags = i, f'node-{i}', ['a', 'b']

def dirty():
    with open('/proc/self/smaps_rollup') as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith('Private_Dirty'))

def read(nodes, rows):
    total = 0
    for node in nodes:
        total += node.ident + len(node.name)
        for tag in node.tags:
            total += tag == 'a'
    for row in rows:
        for key in row:
            total += row[key] is not None
    return total

nodes = [Node(i) for i in range(60000)]
rows = [{'id': i, 'text': str(i), 'list': [i]} for i in range(60000)]
gc.collect()
cinder.immortalize_heap()
child = os.fork()
if child == 0:
    before = dirty()
    read(nodes, rows)
    gc.collect()
    # 60,000 dicts and 60,000 instances take some 30 MB.
    os._exit(0 if dirty() - before < 4096 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
#[cfg(target_os = "linux")]
fn a_child_that_reads_an_immortal_heap_keeps_sharing_it() {
    let folder = Folder::new("fork-shares", &[("main.py", PROGRAM)]);
    for jit in ["off", "on"] {
        let output = folder.cinder_with(&["run", "main.py"], &[("CINDER_JIT", jit)]);
        assert_eq!(stdout(&output), "0\n", "jit {jit}: {}", stderr(&output));
    }
}
