using System.Text;

namespace Lockstep.Cli.Tests.Training;

/// <summary>Collects text, and tells when a line with a certain beginning has come.</summary>
internal sealed class WatchedWriter(string beginning) : StringWriter
{
    private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>What follows the beginning on its line.</summary>
    public async Task<string> RestOfLineAsync()
    {
        if (await Task.WhenAny(_found.Task, Task.Delay(TimeSpan.FromSeconds(30))) != _found.Task)
            throw new TimeoutException($"No line began with '{beginning}' within 30 s. There was: {this}");
        return await _found.Task;
    }

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(beginning, StringComparison.Ordinal) == true)
            _ = _found.TrySetResult(value[beginning.Length..]);
    }
}
