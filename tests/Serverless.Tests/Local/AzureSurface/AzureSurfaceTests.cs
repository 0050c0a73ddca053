using System.Runtime.CompilerServices;
using Serverless.Local;

namespace Serverless.Tests.Local.AzureSurface;

/// <summary>
/// What Serverless.Local declares in Azure's namespaces has to exist in the real packages, which this machine may not have: so it is
/// listed, and every change of the list is seen and compared with the packages' own listings by whoever accepts it.
/// </summary>
public sealed class AzureSurfaceTests
{
    [Fact]
    public void The_types_and_members_in_the_Azure_namespaces_are_the_approved_ones()
    {
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!;
        var approvedPath = Path.Combine(folder, "AzureSurface.approved.txt");
        var receivedPath = Path.Combine(folder, "AzureSurface.received.txt");
        var received = PublicSurface.Of(typeof(LocalPlatform).Assembly, type => !(type.Namespace + ".").StartsWith("Serverless.", StringComparison.Ordinal));
        var approved = File.Exists(approvedPath) ? File.ReadAllText(approvedPath).ReplaceLineEndings("\n") : "";
        if (received == approved)
        {
            File.Delete(receivedPath);
            return;
        }

        File.WriteAllText(receivedPath, received);
        var added = received.Split('\n').Except(approved.Split('\n'));
        var removed = approved.Split('\n').Except(received.Split('\n'));
        Assert.Fail(
            "The members of Serverless.Local in Azure's namespaces are not the approved ones. Compare the new ones with the real packages; "
            + $"to accept them: mv {Path.GetFileName(receivedPath)} {Path.GetFileName(approvedPath)} in tests/Serverless.Tests/Local.\n"
            + string.Join('\n', added.Select(l => "+ " + l).Concat(removed.Select(l => "- " + l)).Take(40)));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
