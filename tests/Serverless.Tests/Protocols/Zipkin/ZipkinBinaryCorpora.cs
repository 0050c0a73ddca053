using System.Text;

namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>
/// The bodies of tests/data/zipkin that are not JSON v2. The binary ones are made of the JSON ones: the variable
/// <c>WRITE_TEST_DATA=1</c> has <see cref="ZipkinFormatsTests"/> write them anew.
/// </summary>
internal static class ZipkinBinaryCorpora
{
    public const string JsonV1 = "every-field.v1.json";

    public static readonly (string File, Func<byte[]> Make)[] Made =
    [
        ("every-field.proto3", () => ZipkinFormats.Proto3(Text("every-field.json"))),
        ("bookinfo-128bit.proto3", () => ZipkinFormats.Proto3(Text("bookinfo-128bit.json"))),
        ("every-field.thrift", () => ZipkinFormats.Thrift(Text(JsonV1))),
    ];

    public static string Text(string file) => Encoding.UTF8.GetString(ZipkinCorpus.Read(file));
}
