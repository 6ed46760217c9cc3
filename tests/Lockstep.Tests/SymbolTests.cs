using System.Reflection.Metadata;
using Lockstep.Model.Training;
using Lockstep.Training;

namespace Lockstep.Tests;

/// <summary>Symbols of the packages hold the sources, so that a debugger needs neither a checkout nor a server.</summary>
public class SymbolTests
{
    // The language's identifier of this kind of debug information: Portable PDB format, "Embedded Source".
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [Theory]
    [InlineData(typeof(Trainer))]
    [InlineData(typeof(LocalTrainer))]
    public void Symbols_OfEachDocument_HoldItsSource(Type type)
    {
        using FileStream file = File.OpenRead(Path.ChangeExtension(type.Assembly.Location, ".pdb"));
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(file);
        MetadataReader symbols = provider.GetMetadataReader();
        Assert.Contains(symbols.Documents, document => NameOf(symbols, document) == $"{type.Name}.cs");
        Assert.Empty(symbols.Documents.Where(document => !HoldsSource(symbols, document)).Select(document => NameOf(symbols, document)));
    }

    private static string NameOf(MetadataReader symbols, DocumentHandle document) =>
        Path.GetFileName(symbols.GetString(symbols.GetDocument(document).Name));

    private static bool HoldsSource(MetadataReader symbols, DocumentHandle document) =>
        symbols.GetCustomDebugInformation(document)
            .Any(handle => symbols.GetGuid(symbols.GetCustomDebugInformation(handle).Kind) == EmbeddedSource);
}
