using System.Buffers.Binary;

namespace Serverless.Tests.Fuzzing;

/// <summary>Makes broken bodies of good ones, the same for the same seed.</summary>
internal sealed class FuzzMutator(FuzzFormat format, IReadOnlyList<byte[]> corpus, int seed)
{
    private const int LongestBody = 1 << 20;

    private static readonly byte[][] Insertions =
    [
        [0xFF], [0, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "null"u8.ToArray(), "[["u8.ToArray(), "{}"u8.ToArray(), "\\ud800"u8.ToArray(), "1e999"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(),
        [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF],
    ];

    private readonly Random _random = new(seed);
    private readonly List<FuzzNode> _trees = [.. corpus.Select(body => format.Parse(body)).OfType<FuzzNode>()];

    /// <summary>The next body.</summary>
    public byte[] Next()
    {
        byte[] body;
        if (_trees.Count > 0 && _random.Next(3) != 0)
        {
            var root = _trees[_random.Next(_trees.Count)].Clone();
            for (var changes = _random.Next(1, 5); changes > 0; changes--)
                Change(root);
            body = format.Write(root);
            if (_random.Next(3) != 0)
                return body.Length <= LongestBody ? body : Next();
        }
        else
        {
            body = corpus[_random.Next(corpus.Count)];
        }

        var bytes = body.ToList();
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
            Change(bytes);
        return bytes.Count <= LongestBody ? [.. bytes] : Next();
    }

    private void Change(FuzzNode root)
    {
        var nodes = root.All().ToArray();
        var node = nodes[_random.Next(nodes.Length)];
        var inner = nodes.Where(n => n.Children is { Count: > 0 }).ToArray();
        var parent = inner.Length == 0 ? root : inner[_random.Next(inner.Length)];
        var children = parent.Children ??= [];
        var at = _random.Next(children.Count + 1);
        switch (_random.Next(9))
        {
            case 0 when children.Count > 0:
                children.RemoveAt(_random.Next(children.Count));
                break;
            case 1 when children.Count > 0:
                // Fields that come twice, and lists that are longer than any limit.
                var repeated = children[_random.Next(children.Count)];
                var most = Math.Max(1, 20_000 / repeated.All().Count());
                var times = _random.Next(8) == 0 ? _random.Next(1, Math.Min(most, 2_000)) : _random.Next(1, 4);
                children.InsertRange(at, Enumerable.Range(0, times).Select(_ => repeated.Clone()));
                break;
            case 2:
                var other = _trees[_random.Next(_trees.Count)].All().ToArray();
                children.Insert(at, other[_random.Next(other.Length)].Clone());
                break;
            case 3 when node != root:
                node.Name = format.ChangeName(node.Name, _random);
                break;
            case 4:
                // Deeper than any limit, where the value can stand in itself.
                for (var depth = _random.Next(1, 100); depth > 0 && parent != root; depth--)
                    parent.Children = [new FuzzNode(parent.Kind) { Name = parent.Name, ItemKind = parent.Kind, Leaf = parent.Leaf, Children = parent.Children }];
                break;
            case 5:
                _random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(children));
                break;
            case 6 when node != root:
                node.Children = null;
                format.ChangeLeaf(node, _random);
                break;
            default:
                var leaves = nodes.Where(n => n.Children is null && n != root).ToArray();
                if (leaves.Length > 0)
                    format.ChangeLeaf(leaves[_random.Next(leaves.Length)], _random);
                break;
        }
    }

    private void Change(List<byte> body)
    {
        if (body.Count == 0)
            body.Add((byte)_random.Next(256));
        var at = _random.Next(body.Count);
        var length = Math.Min(_random.Next(1, 24), body.Count - at);
        switch (_random.Next(10))
        {
            case 0:
                body[at] = (byte)_random.Next(256);
                break;
            case 1:
                body[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                body.RemoveRange(at, length);
                break;
            case 3:
                body.InsertRange(_random.Next(body.Count), body.GetRange(at, length));
                break;
            case 4:
                body.InsertRange(at, Insertions[_random.Next(Insertions.Length)]);
                break;
            case 5:
                body.RemoveRange(at, body.Count - at);
                break;
            case 6:
                var other = corpus[_random.Next(corpus.Count)];
                var start = _random.Next(other.Length);
                body.RemoveRange(at, length);
                body.InsertRange(at, other.AsSpan(start, Math.Min(_random.Next(1, 200), other.Length - start)).ToArray());
                break;
            case 7:
                // Another wire type, or another type's low bits.
                body[at] = (byte)((body[at] & ~7) | _random.Next(8));
                break;
            case 8:
                // A count or length that is too large by a little or by much.
                var count = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32BigEndian(count, _random.Next(2) == 0 ? _random.Next(70_000) : _random.Next());
                for (var i = 0; i < count.Length && at + i < body.Count; i++)
                    body[at + i] = count[i];
                break;
            default:
                var run = body.GetRange(at, length);
                for (var times = _random.Next(1, 200); times > 0; times--)
                    body.InsertRange(at, run);
                break;
        }
    }
}
