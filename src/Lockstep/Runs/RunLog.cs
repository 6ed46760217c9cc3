using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Lockstep.Runs;

/// <summary>The log of a run: a file, and whatever else the caller logs to.</summary>
internal static class RunLog
{
    private const string AkkaCategory = "Akka";
    private const string FileTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";

    /// <summary>Loggers that write to a file and to other loggers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="others">The other loggers, which hear everything.</param>
    /// <param name="all">
    /// Whether the file gets everything. Otherwise it gets of what Akka has to say only that an actor failed: for one lost worker Akka has dozens of lines
    /// about the connection.
    /// </param>
    public static ILoggerFactory Create(string file, ILoggerFactory others, bool all)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Debug();
        if (!all)
            configuration = configuration.Filter.ByExcluding(IsChatter);
        configuration = configuration.WriteTo.File(file, outputTemplate: FileTemplate, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: null);
        return new LoggerFactory(
            [new SerilogLoggerProvider(configuration.CreateLogger(), dispose: true), new Forwarding(others)], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
    }

    /// <summary>Whether an entry says what <c>RunOptions.OnEvent</c> tells as well.</summary>
    public static bool IsOfEvents(LogEvent entry) => Text(entry, Constants.SourceContextPropertyName) == typeof(RunRecorder).FullName;

    /// <summary>Whether an entry is one of Akka's about its connections.</summary>
    public static bool IsChatter(LogEvent entry) => Text(entry, Constants.SourceContextPropertyName) == AkkaCategory && !IsActorFailure(entry);

    // Actors of ours live below /user; those of Akka's own network layer fail whenever a connection does.
    private static bool IsActorFailure(LogEvent entry) =>
        entry.Level >= LogEventLevel.Error && Text(entry, "Source")?.Contains("/user/", StringComparison.Ordinal) == true;

    private static string? Text(LogEvent entry, string property) => entry.Properties.GetValueOrDefault(property) is ScalarValue { Value: string text } ? text : null;

    private sealed class Forwarding(ILoggerFactory others) : ILoggerProvider
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => others.CreateLogger(categoryName);

        // They belong to someone else.
        public void Dispose()
        {
        }
    }
}
