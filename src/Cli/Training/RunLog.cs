using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace Lockstep.Cli.Training;

/// <summary>Where logs go: to the run's <c>log.txt</c>, and to standard error for those who asked for it.</summary>
internal static class RunLog
{
    private const string FileTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";

    /// <summary>Makes loggers.</summary>
    /// <param name="file">The file; null for none.</param>
    /// <param name="error">Standard error; null for none.</param>
    /// <param name="errorLevel">What goes to standard error.</param>
    public static ILoggerFactory Create(string? file, TextWriter? error, LogLevel errorLevel)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Debug();
        if (file is not null)
            configuration = configuration.WriteTo.File(file, outputTemplate: FileTemplate, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: null);
        if (error is not null)
            configuration = configuration.WriteTo.Sink(new TextWriterSink(error), LevelConvert.ToSerilogLevel(errorLevel));
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    private sealed class TextWriterSink(TextWriter writer) : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter _formatter = new("{Level:u3} {Message:lj}{NewLine}", CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent)
        {
            var line = new StringWriter();
            _formatter.Format(logEvent, line);
            lock (_formatter)
                writer.Write(line);
        }
    }
}
