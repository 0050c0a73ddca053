namespace Azure.Data.Tables.Models;

/// <summary>A table, as listed.</summary>
public class TableItem
{
    /// <summary>A table of that name.</summary>
    public TableItem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
    }

    /// <summary>The table's name, as it was written when the table was created.</summary>
    public string Name { get; }
}
