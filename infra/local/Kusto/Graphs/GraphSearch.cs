namespace Serverless.Local.Kusto;

/// <summary>Finds all matches of a pattern, depth first. Paths are as short as their pattern says, and matches are counted against the query's limits.</summary>
internal sealed class GraphSearch
{
    private readonly Graph _graph;
    private readonly IReadOnlyList<GraphStep> _steps;
    private readonly string _cycles;
    private readonly QueryContext _context;
    private readonly List<int>[] _out;
    private readonly List<int>[] _in;
    private readonly int[] _nodes;
    private readonly List<int>[] _edges;
    private readonly List<int>[] _inner;
    private readonly HashSet<int> _usedEdges = [];
    private readonly List<GraphMatch> _found = [];
    private int _tried;

    public GraphSearch(Graph graph, int nodeCount, IReadOnlyList<GraphStep> steps, string cycles, QueryContext context)
    {
        (_graph, _steps, _cycles, _context) = (graph, steps, cycles, context);
        (_out, _in) = graph.Adjacency();
        _nodes = Enumerable.Repeat(-1, nodeCount).ToArray();
        _edges = steps.Select(_ => new List<int>()).ToArray();
        _inner = steps.Select(_ => new List<int>()).ToArray();
    }

    public List<GraphMatch> Run()
    {
        Step(0);
        return _found;
    }

    private void Step(int index)
    {
        const int CheckedEvery = 0xFFF;
        if ((++_tried & CheckedEvery) == 0)
            _context.CountRows(CheckedEvery);
        if (index == _steps.Count)
        {
            Found();
            return;
        }
        var step = _steps[index];
        if (_nodes[step.From] >= 0)
        {
            Walk(index, _nodes[step.From], 0);
            return;
        }
        for (var node = 0; node < _graph.Nodes.Count; node++)
        {
            _nodes[step.From] = node;
            Walk(index, node, 0);
        }
        _nodes[step.From] = -1;
    }

    private void Found()
    {
        // A single node is a pattern too.
        if (_steps.Count == 0)
        {
            for (var node = 0; node < _graph.Nodes.Count; node++)
                _found.Add(new GraphMatch([node], [], []));
            return;
        }
        _context.CountRows(1);
        _context.Hold(64 + (_edges.Sum(path => path.Count) * 16));
        _found.Add(new GraphMatch((int[])_nodes.Clone(), _edges.Select(path => path.ToList()).ToArray(), _inner.Select(path => path.ToList()).ToArray()));
    }

    /// <summary>Goes on with a path from a node at which it has come.</summary>
    private void Walk(int index, int node, int length)
    {
        var step = _steps[index];
        if (length >= step.Syntax.Min && (_nodes[step.To] < 0 || _nodes[step.To] == node))
        {
            var free = _nodes[step.To] < 0;
            if (!(free && _cycles == "none" && _nodes.Contains(node)))
            {
                _nodes[step.To] = node;
                Step(index + 1);
                if (free)
                    _nodes[step.To] = -1;
            }
        }
        if (length >= step.Syntax.Max)
            return;
        if (step.Syntax.Right)
        {
            foreach (var edge in _out[node])
                Follow(index, node, edge, _graph.Targets[edge], length);
        }
        if (step.Syntax.Left)
        {
            foreach (var edge in _in[node])
                Follow(index, node, edge, _graph.Sources[edge], length);
        }
    }

    private void Follow(int index, int from, int edge, int to, int length)
    {
        if (_cycles != "all" && _usedEdges.Contains(edge))
            return;
        if (_cycles == "none" && (_inner[index].Contains(to) || to == from || (_nodes.Contains(to) && _nodes[_steps[index].To] != to)))
            return;
        _usedEdges.Add(edge);
        _edges[index].Add(edge);
        if (length > 0)
            _inner[index].Add(from);
        Walk(index, to, length + 1);
        if (length > 0)
            _inner[index].RemoveAt(_inner[index].Count - 1);
        _edges[index].RemoveAt(_edges[index].Count - 1);
        _usedEdges.Remove(edge);
    }
}
