namespace Serverless.Tests.Querying.Zipkin;

/// <summary>The formats in which Zipkin's senders send spans.</summary>
public enum KitFormat
{
    JsonV2,
    Proto3,
    JsonV1,
    Thrift,
}
