using Serverless.Tracing.Frames;
using Serverless.Tracing.Model;

namespace Serverless.Tracing.Assembly;

/// <summary>What has to be known of a stored report before it is read: whose it is, and where it lies.</summary>
/// <param name="Id">The span's id.</param>
/// <param name="ParentId">The parent's id, 0 for none.</param>
/// <param name="Kind">The kind.</param>
/// <param name="IsShared">It says itself that it is the server half of a shared span.</param>
/// <param name="Frame">The number of its frame.</param>
/// <param name="Position">Its place in the frame.</param>
internal readonly record struct SpanReport(ulong Id, ulong ParentId, SpanKind Kind, bool IsShared, int Frame, FramePosition Position);
