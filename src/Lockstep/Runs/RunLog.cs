using System.Globalization;
using Lockstep.Shared.Files;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Lockstep.Runs;

/// <summary>The log of a run: a file, and the caller's loggers.</summary>
internal static class RunLog
{
    private const string AkkaCategory = "Akka";
    private const string FileTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {SourceContext}: "
        + "{Message:lj}{NewLine}{Exception}";

    /// <summary>Loggers that write to a file and to other loggers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="others">The other loggers; they receive everything.</param>
    /// <param name="all">
    /// Whether the file receives everything. Otherwise it receives only failures of actors from Akka, which writes dozens of lines about
    /// the connection of one lost worker.
    /// </param>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public static ILoggerFactory Create(string file, ILoggerFactory others, bool all)
    {
        try
        {
            RegularFile.OpenToWrite(file).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(
                $"The log {file} cannot be written: {BoundedFile.ReasonOf(file, e)}. Remove it, or give another folder with --out.", e);
        }

        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Debug();
        if (!all)
            configuration = configuration.Filter.ByExcluding(IsChatter);
        configuration = configuration.WriteTo.File(
            file, outputTemplate: FileTemplate, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: null);
        return new LoggerFactory(
            [new SerilogLoggerProvider(configuration.CreateLogger(), dispose: true), new Forwarding(others)],
            new LoggerFilterOptions { MinLevel = LogLevel.Trace });
    }

    /// <summary>Whether <c>RunOptions.OnEvent</c> reports the same.</summary>
    public static bool IsOfEvents(LogEvent entry) => Text(entry, Constants.SourceContextPropertyName) == typeof(RunRecorder).FullName;

    /// <summary>Whether an entry is Akka's, about its connections.</summary>
    public static bool IsChatter(LogEvent entry) =>
        Text(entry, Constants.SourceContextPropertyName) == AkkaCategory && !IsActorFailure(entry);

    // Our actors are below /user; those of Akka's network layer fail whenever a connection does.
    private static bool IsActorFailure(LogEvent entry) =>
        entry.Level >= LogEventLevel.Error && Text(entry, "Source")?.Contains("/user/", StringComparison.Ordinal) == true;

    private static string? Text(LogEvent entry, string property) =>
        entry.Properties.GetValueOrDefault(property) is ScalarValue { Value: string text } ? text : null;

    private sealed class Forwarding(ILoggerFactory others) : ILoggerProvider
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => others.CreateLogger(categoryName);

        // The caller owns them.
        public void Dispose()
        {
        }
    }
}
