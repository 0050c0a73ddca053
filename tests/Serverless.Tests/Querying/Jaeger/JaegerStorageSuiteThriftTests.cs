namespace Serverless.Tests.Querying.Jaeger;

public sealed class JaegerStorageSuiteThriftTests(JaegerStorageSuite.Thrift suite) : JaegerStorageSuiteTests<JaegerStorageSuite.Thrift>(suite), IClassFixture<JaegerStorageSuite.Thrift>;
