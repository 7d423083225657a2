"""Times one program of this folder inside one process.

    bench.py PROGRAM [SIZE] [SECONDS]

Imports PROGRAM (a module of this folder, such as richards_static), calls its `run(SIZE)` again and again until SECONDS
of processor time have passed, and prints one line for a driver and one for a reader:

    @@RESULT richards_static 1 0.041230 0.040871 ...     (name, loops per sample, seconds of every sample)
    richards_static(1): first 41.2 ms, steady 3.1 ms, best 3.0 ms, 20 samples

`steady` is the lower quartile of the second half of the samples, so warming up is not counted.
"""
import sys
import time

# The size of one sample; around 30 to 100 ms in CPython.
SIZES = {
    "richards": 1,
    "deltablue": 1000,
    "nbody": 10000,
    "fannkuch": 8,
    "spectral_norm": 100,
    "binary_trees": 13,
    "nqueens": 9,
    "mandelbrot": 160,
    "json_round_trip": 300,
    "log_words": 4000,
    "expressions": 10,
    "templates": 2000,
}


def measure(function, size, seconds):
    samples = []
    start = time.process_time()
    while len(samples) < 6 or time.process_time() - start < seconds:
        before = time.process_time()
        function(size)
        samples.append(time.process_time() - before)
    return samples


def main():
    name = sys.argv[1]
    size = int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[name.removesuffix("_static")]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 2.0
    samples = measure(__import__(name).run, size, seconds)
    print("@@RESULT", name, 1, " ".join(f"{sample:.6f}" for sample in samples))
    late = sorted(samples[len(samples) // 2:])
    first, steady, best = (1000 * t for t in (samples[0], late[len(late) // 4], min(samples)))
    print(f"{name}({size}): first {first:.1f} ms, steady {steady:.1f} ms, best {best:.1f} ms, {len(samples)} samples")


if __name__ == "__main__":
    main()
