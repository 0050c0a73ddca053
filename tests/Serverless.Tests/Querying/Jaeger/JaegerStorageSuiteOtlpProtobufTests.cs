namespace Serverless.Tests.Querying.Jaeger;

public sealed class JaegerStorageSuiteOtlpProtobufTests(JaegerStorageSuite.OtlpProtobuf suite) : JaegerStorageSuiteTests<JaegerStorageSuite.OtlpProtobuf>(suite), IClassFixture<JaegerStorageSuite.OtlpProtobuf>;
