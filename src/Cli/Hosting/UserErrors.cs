namespace Lockstep.Cli.Hosting;

/// <summary>What to tell the user of an exception that says that the input is wrong: exit code 2.</summary>
internal static class UserErrors
{
    /// <summary>A paragraph each.</summary>
    public static IReadOnlyList<string> MessagesOf(Exception exception) =>
        exception is RequestException error ? error.Messages
        : ResourceLimits.Explain(exception) is { } limit ? [$"{exception.Message} {limit}"]
        : [exception.Message];
}
