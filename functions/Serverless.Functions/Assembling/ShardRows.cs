using Serverless.Functions.Storage;

namespace Serverless.Functions.Assembling;

/// <summary>The trace rows of one shard.</summary>
internal readonly record struct ShardRows(int Shard, List<StoredRow> Rows);
