namespace Serverless.Tests.Protocols.Zipkin;

/// <summary>The same spans in different formats come out the same.</summary>
public sealed class ZipkinFormatsTests
{
    public static TheoryData<string> Files => [.. ZipkinCorpus.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Proto3_says_what_JSON_v2_says(string file) => Assert.Equal(
        ZipkinCorpus.Decode(ZipkinCorpus.Read(file)).Select(ZipkinSpanText.WithIds),
        ZipkinCorpus.DecodeProto3(ZipkinFormats.Proto3(ZipkinBinaryCorpora.Text(file))).Select(ZipkinSpanText.WithIds));

    [Fact]
    public void Thrift_says_what_JSON_v1_says() => Assert.Equal(
        ZipkinCorpus.DecodeV1(ZipkinCorpus.Read(ZipkinBinaryCorpora.JsonV1)).Select(ZipkinSpanText.WithIds),
        ZipkinCorpus.DecodeThrift(ZipkinCorpus.Read("every-field.thrift")).Select(ZipkinSpanText.WithIds));

    [Fact]
    public void Every_field_of_v1_is_read() => Assert.Equal(
        [
            "463ac35c9f6413ad48485a3953bb6124 5af7183fb1d4cf5f 352bff9a74ca9ad2 'get /cart' Client 1556604172355737+1431"
                + " front/192.168.99.101/2001:db8::c001:39000 -> cart/10.0.0.9:80 [1556604172355800:flushed é \"quoted\"] {http.path=/cart} Debug",
            "463ac35c9f6413ad48485a3953bb6124 5af7183fb1d4cf5f 352bff9a74ca9ad2 'get /cart' Server 1556604172355900+1000"
                + " cart/10.0.0.7:9000 -> front/192.168.99.101:39001 {note=zażółć 😀\n tries:Int64=2 rows:Int64=-70000"
                + " bytes:Int64=9007199254740993 load:Double=0.25 cached:False=false} Shared, Debug",
            "48485a3953bb6124 0000000000000000 0000000000000001 'bootstrap' 1556604172350000+7 cart [1556604172350001:without a host] {error=} Error",
            "48485a3953bb6124 0000000000000001 0000000000000002 '' Producer 1556604172350100+100 cart -> kafka/2001:db8::9:65535",
        ],
        ZipkinCorpus.DecodeV1(ZipkinCorpus.Read(ZipkinBinaryCorpora.JsonV1)).Select(ZipkinSpanText.WithIds));

    [Fact]
    public void The_binary_corpora_are_what_their_JSON_makes()
    {
        foreach (var (file, make) in ZipkinBinaryCorpora.Made)
        {
            var path = ZipkinCorpus.PathOf(file);
            if (Environment.GetEnvironmentVariable("WRITE_TEST_DATA") == "1")
                File.WriteAllBytes(path, make());
            Assert.True(File.Exists(path), $"{file} is missing; run this test with WRITE_TEST_DATA=1");
            Assert.Equal(make(), File.ReadAllBytes(path));
        }
    }
}
