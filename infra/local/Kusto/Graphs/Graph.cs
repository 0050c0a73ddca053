namespace Serverless.Local.Kusto;

/// <summary>A graph: nodes and edges as rows, and of each edge the rows of its two nodes.</summary>
internal sealed record Graph(Batch Nodes, Batch Edges, int[] Sources, int[] Targets)
{
    /// <summary>Of each node the edges out of it and into it, in their order.</summary>
    public (List<int>[] Out, List<int>[] In) Adjacency()
    {
        var (outs, ins) = (new List<int>[Nodes.Count], new List<int>[Nodes.Count]);
        for (var node = 0; node < Nodes.Count; node++)
            (outs[node], ins[node]) = ([], []);
        for (var edge = 0; edge < Sources.Length; edge++)
        {
            outs[Sources[edge]].Add(edge);
            ins[Targets[edge]].Add(edge);
        }
        return (outs, ins);
    }

    /// <summary>The number of each node's weakly connected component, from 0 in the order of the nodes.</summary>
    public Column Components()
    {
        var parents = new int[Nodes.Count];
        for (var node = 0; node < parents.Length; node++)
            parents[node] = node;
        int Root(int node)
        {
            while (parents[node] != node)
                node = parents[node] = parents[parents[node]];
            return node;
        }
        for (var edge = 0; edge < Sources.Length; edge++)
            parents[Root(Sources[edge])] = Root(Targets[edge]);
        var numbers = new Dictionary<int, long>();
        var components = new long[Nodes.Count];
        for (var node = 0; node < components.Length; node++)
        {
            var root = Root(node);
            if (!numbers.TryGetValue(root, out components[node]))
                numbers[root] = components[node] = numbers.Count;
        }
        return new VectorColumn<long>(KustoType.Long, components, null, components.Length);
    }
}
