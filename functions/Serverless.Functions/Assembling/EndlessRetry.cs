using Microsoft.Extensions.Logging;
using Serverless.Functions.Buffering;
using Serverless.Functions.Storage;

namespace Serverless.Functions.Assembling;

/// <summary>
/// Repeats a write until it succeeds or the host stops. There is no other end: to pass by what could not be written
/// would be to lose it.
/// </summary>
internal sealed class EndlessRetry(TimeProvider clock, ILogger logger, Action<Exception>? failed = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <exception cref="OperationCanceledException">The host stops; the batch comes again.</exception>
    /// <exception cref="StorageConflictException">A condition of the write does not hold: to repeat it would not help.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> write, CancellationToken cancellation)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await write(cancellation);
            }
            catch (Exception e) when (e is StorageException or HubException)
            {
                failed?.Invoke(e);
                var level = attempt < 5 && e is (HubException or StorageException { IsTransient: true }) ? LogLevel.Warning : LogLevel.Error;
                logger.Log(level, e, "A batch cannot be written yet (attempt {Attempt}), and is kept: {Reason}", attempt, e.Message);
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), clock, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>The same for a write that gives nothing back.</summary>
    public Task RunAsync(Func<CancellationToken, Task> write, CancellationToken cancellation) => RunAsync(
        async token =>
        {
            await write(token);
            return true;
        },
        cancellation);
}
