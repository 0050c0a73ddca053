namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Turns the ASP.NET Core integration on.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Lets HTTP functions take <see cref="AspNetCore.Http.HttpRequest"/> and return <see cref="AspNetCore.Http.IResult"/>.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        builder.HasWebApplication = true;
        return builder;
    }
}
