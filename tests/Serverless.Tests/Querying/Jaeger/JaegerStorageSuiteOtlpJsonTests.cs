namespace Serverless.Tests.Querying.Jaeger;

public sealed class JaegerStorageSuiteOtlpJsonTests(JaegerStorageSuite.OtlpJson suite) : JaegerStorageSuiteTests<JaegerStorageSuite.OtlpJson>(suite), IClassFixture<JaegerStorageSuite.OtlpJson>;
