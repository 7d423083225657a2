# heapq and bisect
import heapq, bisect
h = []
for x in (5, 1, 8, 3, 9, 2):
    heapq.heappush(h, x)
print(h[0], [heapq.heappop(h) for _ in range(len(h))])  # expect: 1 [1, 2, 3, 5, 8, 9]
a = [9, 4, 7, 1, 0, 3]
heapq.heapify(a)
print(a[0], heapq.heappushpop(a, -1), heapq.heapreplace(a, 10), sorted(a), heapq.nlargest(2, a), heapq.nsmallest(3, [5, 1, 4], key=lambda x: -x), heapq.nlargest(1, []), list(heapq.merge([1, 4], [2, 3], [0])), list(heapq.merge(["b"], ["a"], key=str.lower, reverse=True)))
# expect: 0 -1 0 [1, 3, 4, 7, 9, 10] [10, 9] [5, 4, 1] [] [0, 1, 2, 3, 4] ['b', 'a']
m = [3, 1, 2]
heapq.heapify_max(m)
print(heapq.heappop_max(m), m[0])  # expect: 3 2
try:
    heapq.heappop([])
except IndexError as e:
    print(e)
# expect: index out of range
tasks = []
for pri, name in [(2, "code"), (1, "eat"), (2, "alpha"), (0, "wake")]:
    heapq.heappush(tasks, (pri, name))
print([heapq.heappop(tasks)[1] for _ in range(4)])  # expect: ['wake', 'eat', 'alpha', 'code']
s = [1, 3, 3, 5]
print(bisect.bisect(s, 3), bisect.bisect_left(s, 3), bisect.bisect_right(s, 0), bisect.bisect_left(s, 9), bisect.bisect(s, 3, 0, 2), bisect.bisect_left([(1, "a"), (5, "b")], 5, key=lambda t: t[0]))
# expect: 3 1 0 4 2 1
bisect.insort(s, 4)
bisect.insort_left(s, 3)
print(s)  # expect: [1, 3, 3, 3, 4, 5]
try:
    bisect.bisect([1], 2, -1)
except ValueError as e:
    print(e)
# expect: lo must be non-negative
def dijkstra(g, start):
    dist, heap = {start: 0}, [(0, start)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]: continue
        for v, w in g[u].items():
            if d + w < dist.get(v, 1e9):
                dist[v] = d + w
                heapq.heappush(heap, (dist[v], v))
    return dist
print(dijkstra({"a": {"b": 7, "c": 3}, "b": {"d": 2}, "c": {"b": 1, "d": 8}, "d": {}}, "a"))
# expect: {'a': 0, 'b': 4, 'c': 3, 'd': 6}
state, xs = 7, []
for _ in range(500):
    state = state * 1103515245 + 12345 & 0x7FFFFFFF
    xs.append(state >> 16)
h = xs[:]
heapq.heapify(h)
print([heapq.heappop(h) for _ in range(500)] == sorted(xs), heapq.nsmallest(3, xs) == sorted(xs)[:3], heapq.nlargest(5, xs) == sorted(xs)[-5:][::-1])
# expect: True True True
