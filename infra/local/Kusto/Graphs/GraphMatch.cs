namespace Serverless.Local.Kusto;

/// <summary>A match: the node of each node variable, and of each edge variable the edges of its path with the nodes between.</summary>
internal sealed record GraphMatch(int[] Nodes, List<int>[] Edges, List<int>[] InnerNodes);
