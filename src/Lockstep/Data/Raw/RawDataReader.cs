using Lockstep.Model.Specs;

namespace Lockstep.Data.Raw;

/// <summary>Stub.</summary>
internal sealed class RawDataReader(PreparationOptions options, Preparation? known, Action<string>? progress, CancellationToken cancellationToken)
{
    public RawParts Read(string path) => throw new NotSupportedException($"{path} {options} {known} {progress} {cancellationToken}");

    public RawExamples ReadOne(string path) => throw new NotSupportedException(path);
}
