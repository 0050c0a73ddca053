namespace Serverless.Local;

/// <summary>Ends the process with a message, and without a stack trace, when the platform cannot start.</summary>
internal static class ProgramExit
{
    private const int Failure = 1;

    /// <summary>Runs a step of the start; a <see cref="LocalPlatformException"/> in it ends the process where <paramref name="exits"/> is set.</summary>
    public static T Guard<T>(Func<T> step, bool exits)
    {
        try
        {
            return step();
        }
        catch (LocalPlatformException e) when (exits)
        {
            Console.Error.WriteLine(e.Message);
            Environment.Exit(Failure);
            throw;
        }
    }

    /// <summary>As <see cref="Guard{T}"/>, for a step that is awaited.</summary>
    public static async Task GuardAsync(Func<Task> step, bool exits)
    {
        try
        {
            await step();
        }
        catch (LocalPlatformException e) when (exits)
        {
            Console.Error.WriteLine(e.Message);
            Environment.Exit(Failure);
        }
    }
}
